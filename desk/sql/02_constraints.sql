-- What the constraints of the models are for; those that speak to people say it themselves, in the model.

COMMENT ON CONSTRAINT draft_archived_is_not_public ON desk_draft IS
    'What visitors read is not archived.';
COMMENT ON CONSTRAINT draft_published_version_exists ON desk_draft IS
    'The version that was published is one that was written.';
COMMENT ON CONSTRAINT presence_once_a_person ON desk_presence IS
    'A person has a text open once, however many windows show it.';
COMMENT ON CONSTRAINT version_number_unique ON desk_version IS
    'Versions of one text are numbered.';

COMMENT ON CONSTRAINT draft_in_the_trash_is_out_of_lists ON desk_draft IS
    'A text in the trash is out of every other list, and never public.';
COMMENT ON CONSTRAINT reading_ends_after_it_begins ON desk_reading IS
    'A link to read a text serves for some time.';
