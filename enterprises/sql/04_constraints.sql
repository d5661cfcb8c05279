-- What the constraints of the models are for; those that speak to people say it themselves, in the model.

COMMENT ON CONSTRAINT attestation_ends_after_it_begins ON enterprises_attestation IS
    'An attestation lasts.';
COMMENT ON CONSTRAINT attestation_is_signed ON enterprises_attestation IS
    'An attestation names who signed it.';
COMMENT ON CONSTRAINT attestation_state_known ON enterprises_attestation IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT checkup_answer_known ON enterprises_checkup IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT checkup_answered_at_a_moment ON enterprises_checkup IS
    'A yearly question has an answer and its time, or neither.';
COMMENT ON INDEX checkup_one_open IS
    'A listing is asked one yearly question at a time.';
COMMENT ON CONSTRAINT checkup_two_reminders ON enterprises_checkup IS
    'A yearly question is recalled twice at most.';
COMMENT ON INDEX claim_one_open IS
    'A person claims a listing once at a time.';
COMMENT ON CONSTRAINT claim_state_known ON enterprises_claim IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT duplicate_pair_in_order ON enterprises_duplicatepair IS
    'A pair of listings is kept in one order, so that it is kept once.';
COMMENT ON CONSTRAINT duplicate_pair_once ON enterprises_duplicatepair IS
    'A pair of listings is judged once.';
COMMENT ON CONSTRAINT duplicate_state_known ON enterprises_duplicatepair IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT import_rows_within ON enterprises_import IS
    'An import has done no more rows than it has.';
COMMENT ON CONSTRAINT import_row_decision_whole ON enterprises_importrow IS
    'A row that completes an enterprise, or is a branch of one, says which.';
COMMENT ON CONSTRAINT import_row_kind_known ON enterprises_importrow IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT import_row_once ON enterprises_importrow IS
    'A file has one row of a number.';
COMMENT ON CONSTRAINT import_state_known ON enterprises_import IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT invitation_once ON enterprises_invitation IS
    'An address is invited once to a listing.';
COMMENT ON CONSTRAINT invitation_role_known ON enterprises_invitation IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT listing_branch_without_neq ON enterprises_listing IS
    'A NEQ is that of one enterprise: its branches have none, and no listing is its own branch.';
COMMENT ON CONSTRAINT listing_languages_known ON enterprises_listing IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT listing_legal_form_known ON enterprises_listing IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT listing_merged_is_archived ON enterprises_listing IS
    'A listing that was merged into another is archived.';
COMMENT ON CONSTRAINT listing_position_whole ON enterprises_listing IS
    'A position is both numbers or none, and is on the globe.';
COMMENT ON CONSTRAINT listing_state_known ON enterprises_listing IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT listing_supplies_known ON enterprises_listing IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT listing_workforce_known ON enterprises_listing IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT remembered_value_field_known ON enterprises_rememberedvalue IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT remembered_value_once ON enterprises_rememberedvalue IS
    'A word of a field has one answer.';
COMMENT ON CONSTRAINT listing_role_known ON enterprises_listingrole IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT listing_role_once ON enterprises_listingrole IS
    'A person has one role for a listing.';
COMMENT ON CONSTRAINT listing_version_once_an_edit ON enterprises_listingversion IS
    'An edit of several statements keeps one version before it.';
COMMENT ON CONSTRAINT proposal_decided_at_a_moment ON enterprises_proposal IS
    'A proposal that was decided has the time of it.';
COMMENT ON CONSTRAINT proposal_kind_known ON enterprises_proposal IS
    'One of the values that the portal knows.';
COMMENT ON INDEX proposal_one_pending_each IS
    'A person has one proposal of identity under review for a listing.';
COMMENT ON CONSTRAINT proposal_state_known ON enterprises_proposal IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT bulk_change_field_known ON enterprises_bulkchange IS
    'A change of several listings is of one of the fields that it knows how to set.';
COMMENT ON CONSTRAINT bulk_change_state_known ON enterprises_bulkchange IS
    'A change of several listings is prepared, queued, done at a moment, or undone at a later one.';
COMMENT ON CONSTRAINT mention_decided_at_a_moment ON enterprises_mention IS
    'A mentioned enterprise waits, or was decided at a moment, and then keeps nobody''s e-mail address.';
