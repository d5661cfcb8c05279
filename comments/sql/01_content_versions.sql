-- What visitors read of this package raises the content version of its scope (pole/caching/content_versions.py).

CREATE OR REPLACE TRIGGER comments_comment_raises_comments
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON comments_comment
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('comments');
COMMENT ON TRIGGER comments_comment_raises_comments ON comments_comment IS
    'Pages show comments.';

CREATE OR REPLACE TRIGGER comments_thread_raises_comments
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON comments_thread
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('comments');
COMMENT ON TRIGGER comments_thread_raises_comments ON comments_thread IS
    'Pages say whether a thread is open.';
