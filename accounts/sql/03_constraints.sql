-- What the constraints of the models are for; those that speak to people say it themselves, in the model.

COMMENT ON INDEX consent_once_at_a_time IS
    'A person agrees to one purpose once, until they withdraw.';
COMMENT ON CONSTRAINT consent_withdrawn_after_it_was_given ON accounts_consent IS
    'A consent is withdrawn after it was given.';
COMMENT ON CONSTRAINT erasure_kept_once ON accounts_erasure IS
    'One erasure or withdrawal is kept once.';
COMMENT ON INDEX user_email_unique_whatever_case IS
    'Two accounts never differ by capitals of an address alone.';
COMMENT ON CONSTRAINT user_roles_known ON accounts_user IS
    'Roles in the team are those that the portal knows.';
COMMENT ON CONSTRAINT user_language_known ON accounts_user IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT team_mails_hour_of_a_day ON accounts_teammails IS 'The daily mail of the team comes at one of the 24 hours.';
COMMENT ON CONSTRAINT team_alert_once_a_thing ON accounts_teamalert IS 'One kind of trouble about one thing is remembered once.';
COMMENT ON CONSTRAINT user_superuser_has_direction ON accounts_user IS
    'Whoever reaches the stock admin is of the direction: taking that role takes the rest.';
COMMENT ON CONSTRAINT team_invitation_roles_known ON accounts_teaminvitation IS
    'An invitation gives at least one role, of those that the portal knows.';
COMMENT ON CONSTRAINT incident_entry_version_once ON accounts_incidententry IS 'Each version of an incident has a number of its own.';
COMMENT ON CONSTRAINT incident_risk_known ON accounts_incidententry IS 'One of the values that the portal knows.';
COMMENT ON CONSTRAINT incident_public_notice_known ON accounts_incidententry IS 'One of the values that the portal knows.';
