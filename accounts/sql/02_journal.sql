-- The journal of the team's decisions (accounts.AuditEntry) is added to, never changed nor emptied.

CREATE OR REPLACE FUNCTION accounts_protect_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.person_id IS NULL AND NEW.reason = ''
        AND to_jsonb(NEW) - 'person_id' - 'reason' = to_jsonb(OLD) - 'person_id' - 'reason' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the journal is added to, never changed' USING ERRCODE = 'restrict_violation';
END $$;
COMMENT ON FUNCTION accounts_protect_journal() IS
    'Refuses any change to a decision of the journal, but to erase the person and the reason when that person erases their account.';

CREATE OR REPLACE TRIGGER accounts_protect_journal BEFORE UPDATE OR DELETE ON accounts_auditentry
FOR EACH ROW EXECUTE FUNCTION accounts_protect_journal();
COMMENT ON TRIGGER accounts_protect_journal ON accounts_auditentry IS
    'A decision that was noted stays as it is.';

CREATE OR REPLACE FUNCTION accounts_journal_never_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is never emptied' USING ERRCODE = 'restrict_violation';
END $$;
COMMENT ON FUNCTION accounts_journal_never_truncated() IS
    'Refuses to empty the journal: TRUNCATE runs no trigger of rows.';

CREATE OR REPLACE TRIGGER accounts_journal_never_truncated BEFORE TRUNCATE ON accounts_auditentry
FOR EACH STATEMENT EXECUTE FUNCTION accounts_journal_never_truncated();
COMMENT ON TRIGGER accounts_journal_never_truncated ON accounts_auditentry IS
    'Decisions that were noted are never emptied at once.';
