-- What the constraints of the models are for; those that speak to people say it themselves, in the model.

COMMENT ON CONSTRAINT hub_is_single ON pole_hub IS
    'One installation serves one hub.';
COMMENT ON CONSTRAINT hub_colours_written ON pole_hub IS
    'A colour is # and six digits: stylesheets, icons and drawn pictures hold it as it is.';
COMMENT ON CONSTRAINT hub_tiles_written ON pole_hub IS
    'The security policy of the map names this host, and tiles are shown with their credit.';
COMMENT ON CONSTRAINT menu_place_known ON pole_menuitem IS
    'One of the values that the portal knows.';
COMMENT ON CONSTRAINT municipality_position_whole ON pole_municipality IS
    'A position is both numbers or none, and is on the globe.';
COMMENT ON CONSTRAINT municipality_unique ON pole_municipality IS
    'Two municipalities of one MRC differ by name or by designation.';
COMMENT ON CONSTRAINT territory_upload_is_single ON pole_territoryupload IS
    'One list of municipalities waits at a time: the last one that was sent.';
COMMENT ON CONSTRAINT menu_address_followed ON pole_menuitem IS
    'A path of this site or an address in https: never a script, another scheme, nor "//".';
COMMENT ON CONSTRAINT partner_address_followed ON pole_partner IS
    'An address in https, of another site.';
COMMENT ON CONSTRAINT setup_is_single ON pole_setup IS
    'One installation is set up once.';
COMMENT ON CONSTRAINT synonyms_are_several ON pole_synonymgroup IS
    'A term alone has no synonym; none at all stand for those of the file.';
COMMENT ON CONSTRAINT synonyms_off_are_of_the_file ON pole_synonymgroup IS
    'A group of the hub is deleted, not switched off: nothing would be left of it to switch on.';
COMMENT ON INDEX synonyms_replace_one_group IS
    'What a hub changes of a proposed group is in one row.';
