-- What the constraints of the models are for; those that speak to people say it themselves, in the model.

COMMENT ON CONSTRAINT comment_has_text ON comments_comment IS
    'A comment says something.';
COMMENT ON CONSTRAINT comment_language_known ON comments_comment IS
    'One of the two languages of the portal.';
COMMENT ON CONSTRAINT comment_posted_once ON comments_comment IS
    'A form that is sent twice posts one comment.';
COMMENT ON CONSTRAINT comment_published_was_shown ON comments_comment IS
    'A comment that visitors read has the time at which it appeared.';
COMMENT ON CONSTRAINT comment_state_known ON comments_comment IS
    'One of the values that the portal knows.';
COMMENT ON INDEX flag_once_a_person IS
    'A person flags a comment once until the team decides.';
COMMENT ON CONSTRAINT follow_once_a_person ON comments_follow IS
    'A person follows a conversation once.';
