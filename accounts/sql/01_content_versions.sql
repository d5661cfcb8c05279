-- What visitors read of this package raises the content version of its scope (pole/caching/content_versions.py).

CREATE OR REPLACE TRIGGER accounts_user_raises_people
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF name, is_active ON accounts_user
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('people');
COMMENT ON TRIGGER accounts_user_raises_people ON accounts_user IS
    'Pages show the names of people and whether their account is active; signing in changes neither.';
