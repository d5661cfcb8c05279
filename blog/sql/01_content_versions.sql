-- What visitors read of this package raises the content version of its scope (pole/caching/content_versions.py).

CREATE OR REPLACE TRIGGER blog_post_raises_blog
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON blog_post
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('blog');
COMMENT ON TRIGGER blog_post_raises_blog ON blog_post IS
    'Visitors read posts.';

DROP TRIGGER IF EXISTS blog_page_raises_blog ON blog_page;
CREATE OR REPLACE TRIGGER blog_page_raises_pages
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON blog_page
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('pages');
COMMENT ON TRIGGER blog_page_raises_pages ON blog_page IS
    'Visitors read pages, and every page links to those that are published.';

CREATE OR REPLACE TRIGGER blog_tag_raises_blog
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON blog_tag
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('blog');
COMMENT ON TRIGGER blog_tag_raises_blog ON blog_tag IS
    'Posts show their tags.';

CREATE OR REPLACE TRIGGER blog_author_raises_blog
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON blog_author
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('blog');
COMMENT ON TRIGGER blog_author_raises_blog ON blog_author IS
    'Posts show their authors.';

CREATE OR REPLACE TRIGGER blog_byline_raises_blog
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON blog_byline
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('blog');
COMMENT ON TRIGGER blog_byline_raises_blog ON blog_byline IS
    'Posts are signed by authors, in order.';

CREATE OR REPLACE TRIGGER blog_post_tags_raises_blog
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON blog_post_tags
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('blog');
COMMENT ON TRIGGER blog_post_tags_raises_blog ON blog_post_tags IS
    'Posts show their tags.';

CREATE OR REPLACE TRIGGER blog_post_documents_raises_blog
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON blog_post_documents
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('blog');
COMMENT ON TRIGGER blog_post_documents_raises_blog ON blog_post_documents IS
    'Posts give documents to download.';

CREATE OR REPLACE TRIGGER blog_oldaddress_raises_blog
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON blog_oldaddress
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('blog');
COMMENT ON TRIGGER blog_oldaddress_raises_blog ON blog_oldaddress IS
    'The home page leads an old address, such as /?p=12, to what replaces it.';

CREATE OR REPLACE TRIGGER blog_imported_raises_blog
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON blog_imported
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('blog');
COMMENT ON TRIGGER blog_imported_raises_blog ON blog_imported IS
    'Once a site was brought in, the home page answers its addresses.';
