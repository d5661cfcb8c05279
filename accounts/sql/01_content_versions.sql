-- What visitors read of this package raises the content version of its scope (pole/caching/content_versions.py).

-- Nothing shows an account before something else is written of it: signing up changes no page.
DROP TRIGGER IF EXISTS accounts_user_raises_people ON accounts_user;
CREATE OR REPLACE TRIGGER accounts_user_changed_raises_people
AFTER UPDATE OF name, is_active, is_name_withheld ON accounts_user
FOR EACH ROW WHEN (
    (OLD.name, OLD.is_active, OLD.is_name_withheld) IS DISTINCT FROM (NEW.name, NEW.is_active, NEW.is_name_withheld)
)
EXECUTE FUNCTION pole_raise_version('people');
COMMENT ON TRIGGER accounts_user_changed_raises_people ON accounts_user IS
    'Pages show the names of people who let them be shown, and whether their account is active; signing in changes nothing there.';

CREATE OR REPLACE TRIGGER accounts_user_deleted_raises_people
AFTER DELETE OR TRUNCATE ON accounts_user
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('people');
COMMENT ON TRIGGER accounts_user_deleted_raises_people ON accounts_user IS
    'Pages name people no longer once their account is deleted.';
