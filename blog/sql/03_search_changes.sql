-- What visitors search of this package notes its changes for search indexes (pole/sql/03_search_changes.sql).

CREATE OR REPLACE TRIGGER blog_post_changes_search
AFTER INSERT OR DELETE OR UPDATE ON blog_post
FOR EACH ROW EXECUTE FUNCTION pole_note_search_change('blog');
COMMENT ON TRIGGER blog_post_changes_search ON blog_post IS
    'Visitors search posts.';

CREATE OR REPLACE TRIGGER blog_post_truncated_changes_search
AFTER TRUNCATE ON blog_post
FOR EACH STATEMENT EXECUTE FUNCTION pole_note_search_changes('blog');
COMMENT ON TRIGGER blog_post_truncated_changes_search ON blog_post IS
    'All posts are gone.';

CREATE OR REPLACE FUNCTION blog_note_signed_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pole_changed_row (scope, key)
    SELECT 'blog', key FROM unnest(ARRAY[OLD.post_id, NEW.post_id]) AS changed (key) WHERE key IS NOT NULL
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION blog_note_signed_post() IS
    'Notes that a post is signed by others than before.';

CREATE OR REPLACE TRIGGER blog_byline_changes_search
AFTER INSERT OR DELETE OR UPDATE ON blog_byline
FOR EACH ROW EXECUTE FUNCTION blog_note_signed_post();
COMMENT ON TRIGGER blog_byline_changes_search ON blog_byline IS
    'The name of an author finds the posts that they signed.';

CREATE OR REPLACE TRIGGER blog_byline_truncated_changes_search
AFTER TRUNCATE ON blog_byline
FOR EACH STATEMENT EXECUTE FUNCTION pole_note_search_changes('blog');
COMMENT ON TRIGGER blog_byline_truncated_changes_search ON blog_byline IS
    'No post is signed any more.';

CREATE OR REPLACE TRIGGER blog_author_changes_search
AFTER UPDATE OF name ON blog_author
FOR EACH STATEMENT EXECUTE FUNCTION pole_note_search_changes('blog');
COMMENT ON TRIGGER blog_author_changes_search ON blog_author IS
    'The name of an author finds the posts that they signed.';
