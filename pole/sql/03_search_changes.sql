-- Which rows changed at which content version: what each process reads again into its search index (pole/search/index.py).

CREATE OR REPLACE FUNCTION pole_note_search_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Both: by hand, a row may be given another key.
    INSERT INTO pole_changed_row (scope, key)
    SELECT TG_ARGV[0], key FROM unnest(ARRAY[OLD.id, NEW.id]) AS changed (key) WHERE key IS NOT NULL
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION pole_note_search_change() IS
    'Notes that a text to find, of the scope named by the trigger, changed.';

CREATE OR REPLACE FUNCTION pole_note_search_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pole_changed_row (scope, key) VALUES (TG_ARGV[0], 0) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION pole_note_search_changes() IS
    'Notes, as key 0, that any text of the scope may have changed.';
