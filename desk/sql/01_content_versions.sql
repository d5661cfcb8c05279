-- What visitors read of this package raises the content version of its scope (pole/caching/content_versions.py).

CREATE OR REPLACE TRIGGER desk_picture_raises_desk
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON desk_picture
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('desk');
COMMENT ON TRIGGER desk_picture_raises_desk ON desk_picture IS
    'Prose is dressed from the pictures of the library.';

CREATE OR REPLACE TRIGGER desk_document_raises_desk
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON desk_document
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('desk');
COMMENT ON TRIGGER desk_document_raises_desk ON desk_document IS
    'Pages give documents to download.';
