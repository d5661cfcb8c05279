-- What the constraints of the models are for; those that speak to people say it themselves, in the model.

COMMENT ON CONSTRAINT byline_once_a_post ON blog_byline IS
    'An author signs a post once.';
COMMENT ON CONSTRAINT imported_once ON blog_imported IS
    'What came from another site came once.';
COMMENT ON CONSTRAINT old_address_leads_within ON blog_oldaddress IS
    'An old address leads to a place of this portal, and to no other site.';
COMMENT ON CONSTRAINT old_address_of_one_thing ON blog_oldaddress IS
    'An old address leads to one post, one page, or one other place.';
COMMENT ON CONSTRAINT post_kind_known ON blog_post IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT post_language_known ON blog_post IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT post_not_its_own_translation ON blog_post IS
    'A post translates another one.';
COMMENT ON CONSTRAINT site_import_items_within ON blog_siteimport IS
    'No more is done than there is to do.';
COMMENT ON CONSTRAINT site_import_language_known ON blog_siteimport IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT site_import_state_known ON blog_siteimport IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT site_import_task_known ON blog_siteimport IS
    'One of the values that the portal knows.';

COMMENT ON INDEX post_known_once_in_feeds IS
    'Two entries of the feed never have the same id.';
