-- What the constraints of the models are for; those that speak to people say it themselves, in the model.

COMMENT ON CONSTRAINT answer_language_known ON forums_answer IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT answer_once_a_priority ON forums_answer IS
    'An organisation answers each priority of its dossier once.';
COMMENT ON CONSTRAINT answer_state_known ON forums_answer IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT rate_limit_of_a_known_kind ON forums_ratelimitcounter IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT rate_limit_one_row_a_minute ON forums_ratelimitcounter IS
    'Tries of one address are counted by the minute.';
COMMENT ON CONSTRAINT attendance_kind_known ON forums_attendance IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT attendance_once_a_kind ON forums_attendance IS
    'A forum counts each kind of participants once.';
COMMENT ON CONSTRAINT ballot_once_a_voter ON forums_ballot IS
    'A voter has one ballot in a vote.';
COMMENT ON CONSTRAINT ballot_withdrawn_is_empty ON forums_ballot IS
    'A ballot that was withdrawn holds no choice.';
COMMENT ON CONSTRAINT slip_activated_for_someone ON forums_slip IS
    'A voting slip that is someone''s has the time at which it was activated.';
COMMENT ON CONSTRAINT slip_number_unique ON forums_slip IS
    'The voting slips of a forum are numbered.';
COMMENT ON INDEX slip_one_active_a_person IS
    'A person holds one active voting slip of a forum.';
COMMENT ON CONSTRAINT slip_voided_with_reason ON forums_slip IS
    'A voting slip is voided for a reason.';
COMMENT ON CONSTRAINT dossier_acknowledged_by_someone ON forums_dossier IS
    'Whoever acknowledges a dossier says who they are.';
COMMENT ON CONSTRAINT dossier_expires_after_it_is_made ON forums_dossier IS
    'The link of a dossier serves for a while.';
COMMENT ON CONSTRAINT dossier_language_known ON forums_dossier IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT dossier_event_known ON forums_dossierevent IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT dossier_file_name_unique ON forums_dossierfile IS
    'The files of a dossier have names of their own.';
COMMENT ON CONSTRAINT notice_kind_known ON forums_notice IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT notice_once ON forums_notice IS
    'A mail of one kind about one thing is sent once to a registration.';
COMMENT ON CONSTRAINT notice_text_kind_known ON forums_noticetext IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT notice_text_language_known ON forums_noticetext IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT notice_text_once ON forums_noticetext IS
    'A forum words each mail once in each language.';
COMMENT ON CONSTRAINT option_number_unique ON forums_option IS
    'The options of a question are numbered.';
COMMENT ON CONSTRAINT option_numbered_from_one ON forums_option IS
    'Options are numbered from one, as ballots show them.';
COMMENT ON CONSTRAINT paper_outcome_known ON forums_paperballot IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT paper_serial_unique ON forums_paperballot IS
    'The papers of a vote are numbered.';
COMMENT ON CONSTRAINT paper_typed_once_a_person ON forums_papertyping IS
    'Two people type a paper, each once.';
COMMENT ON CONSTRAINT paper_typing_outcome_known ON forums_papertyping IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT priority_key_unique ON forums_priority IS
    'A priority has an address of its own in its results.';
COMMENT ON CONSTRAINT priority_position_unique ON forums_priority IS
    'The priorities of results are in an order.';
COMMENT ON CONSTRAINT priority_state_known ON forums_priority IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT question_limits_are_numbers ON forums_question IS
    'The limits of a question are whole numbers from 1, by name; opening a vote checks them by its method.';
COMMENT ON CONSTRAINT question_method_is_a_name ON forums_question IS
    'The name of a method of voting; which ones there are, the code says, and opening a vote reads its method.';
COMMENT ON CONSTRAINT question_order_unique ON forums_question IS
    'The questions of a vote are in an order.';
COMMENT ON CONSTRAINT question_retains_one_at_least ON forums_question IS
    'A question retains something.';
COMMENT ON CONSTRAINT recommendation_has_title ON forums_recommendation IS
    'A recommendation has a title.';
COMMENT ON CONSTRAINT recommendation_kind_known ON forums_recommendation IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT recommendation_merged_has_survivor ON forums_recommendation IS
    'A recommendation that was merged says into which one, and no other does.';
COMMENT ON CONSTRAINT recommendation_not_merged_into_itself ON forums_recommendation IS
    'A recommendation is merged into another.';
COMMENT ON CONSTRAINT recommendation_person_named_has_name ON forums_recommendation IS
    'Who is named publicly has a name.';
COMMENT ON CONSTRAINT recommendation_state_known ON forums_recommendation IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT recommendation_event_keeps_state_before ON forums_recommendationevent IS
    'A merge notes the state from before, to be undone; nothing else does.';
COMMENT ON CONSTRAINT recommendation_event_known ON forums_recommendationevent IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT recommendation_event_ties_two ON forums_recommendationevent IS
    'What ties two recommendations, or parts them, names the other.';
COMMENT ON CONSTRAINT registration_checked_in_has_a_place ON forums_registration IS
    'Whoever arrived has a place.';
COMMENT ON CONSTRAINT registration_email_lower_case ON forums_registration IS
    'Addresses are compared in small letters.';
COMMENT ON CONSTRAINT registration_in_line_since_when ON forums_registration IS
    'Whoever waits in line has the time since when.';
COMMENT ON CONSTRAINT registration_kind_known ON forums_registration IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT registration_language_known ON forums_registration IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT registration_of_an_account_has_its_address ON forums_registration IS
    'An address that is another person''s never ties a registration to an account.';
COMMENT ON INDEX registration_once_an_account IS
    'An account registers once for a forum, until it cancels.';
COMMENT ON CONSTRAINT registration_state_known ON forums_registration IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT registration_answer_once ON forums_registrationanswer IS
    'A question of a forum is answered once by each registration.';
COMMENT ON CONSTRAINT registration_question_order_unique ON forums_registrationquestion IS
    'The questions of a forum are in an order.';
COMMENT ON CONSTRAINT registration_question_three_at_most ON forums_registrationquestion IS
    'A forum asks three questions at most.';
COMMENT ON CONSTRAINT roll_entry_is_someone ON forums_rollentry IS
    'An entry of the roll stands for an account, a registration or an address.';
COMMENT ON CONSTRAINT key_copy_once_a_machine ON forums_keycopy IS
    'A machine says once that it holds a key.';
COMMENT ON INDEX round_key_serves_once IS
    'A key serves one vote alone.';
COMMENT ON INDEX roll_once_by_email_hash IS
    'An address is once on the roll of a vote, entries that were removed apart.';
COMMENT ON INDEX roll_once_by_registration IS
    'A registration is once on the roll of a vote, entries that were removed apart.';
COMMENT ON INDEX roll_once_by_user IS
    'An account is once on the roll of a vote, entries that were removed apart.';
COMMENT ON CONSTRAINT round_number_unique ON forums_round IS
    'The votes of a forum are numbered.';
COMMENT ON CONSTRAINT round_open_commits_its_seed ON forums_round IS
    'A vote opens with its options drawn and the hash of its seed published.';
COMMENT ON CONSTRAINT round_opened_before_it_ends ON forums_round IS
    'What was never opened is not closed, sealed nor annulled.';
COMMENT ON CONSTRAINT round_public_known ON forums_round IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT round_reading_known ON forums_round IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT round_sealed_has_seal ON forums_round IS
    'A vote that is sealed has its seal, was closed and is not annulled; no other has one.';
COMMENT ON CONSTRAINT round_sealed_after_tellers ON forums_round IS
    'A vote to whose lottery tellers add their part is sealed with it, or with the reason why there is none.';
COMMENT ON CONSTRAINT round_tellers_add_after_closing ON forums_round IS
    'Tellers add their part if that was announced, once the vote is closed; it is given or dropped, not both.';
COMMENT ON CONSTRAINT round_event_known ON forums_roundevent IS
    'One of the values that the portal knows.';

COMMENT ON CONSTRAINT forum_kind_known ON forums_forum IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT forum_alone_has_recommendations ON forums_forum IS
    'A training or a visit has no recommendations, hence no vote on them.';
COMMENT ON CONSTRAINT forum_mode_known ON forums_forum IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT forum_level_known ON forums_forum IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT forum_language_known ON forums_forum IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT forum_price_positive ON forums_forum IS
    'A price is not below nothing; nothing is free.';
COMMENT ON CONSTRAINT forum_attestation_share_in_hundredths ON forums_forum IS
    'An attestation needs some of the sessions, and all at most.';
COMMENT ON CONSTRAINT session_order_unique ON forums_session IS
    'Sessions of a series have an order.';
COMMENT ON CONSTRAINT session_chosen_once ON forums_sessionchoice IS
    'A person chooses a session once.';
COMMENT ON CONSTRAINT session_attended_once ON forums_sessionattendance IS
    'A person is checked in once at each session.';
COMMENT ON CONSTRAINT activity_proposal_state_known ON forums_activityproposal IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT activity_proposal_answered_when ON forums_activityproposal IS
    'What staff answered, or who proposed took back, has its moment.';
COMMENT ON CONSTRAINT activity_proposal_asked_when ON forums_activityproposal IS
    'Only of an accepted activity is a change asked, and it has its moment.';
