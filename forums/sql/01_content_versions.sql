-- What visitors read of this package raises the content version of its scope (pole/caching/content_versions.py).

CREATE OR REPLACE TRIGGER forums_forum_raises_forums
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_forum
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums');
COMMENT ON TRIGGER forums_forum_raises_forums ON forums_forum IS
    'Visitors read forums.';

CREATE OR REPLACE TRIGGER forums_track_raises_forums
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_track
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums');
COMMENT ON TRIGGER forums_track_raises_forums ON forums_track IS
    'Forums show their tracks.';

CREATE OR REPLACE TRIGGER forums_programmeitem_raises_forums
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_programmeitem
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums');
COMMENT ON TRIGGER forums_programmeitem_raises_forums ON forums_programmeitem IS
    'Forums show their programme.';

CREATE OR REPLACE TRIGGER forums_attendance_raises_forums
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_attendance
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums');
COMMENT ON TRIGGER forums_attendance_raises_forums ON forums_attendance IS
    'Forums show how many people came.';

CREATE OR REPLACE TRIGGER forums_results_raises_forums
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_results
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums');
COMMENT ON TRIGGER forums_results_raises_forums ON forums_results IS
    'Visitors read results.';

CREATE OR REPLACE TRIGGER forums_priority_raises_forums
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_priority
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums');
COMMENT ON TRIGGER forums_priority_raises_forums ON forums_priority IS
    'Visitors read priorities.';

CREATE OR REPLACE TRIGGER forums_priorityupdate_raises_forums
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_priorityupdate
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums');
COMMENT ON TRIGGER forums_priorityupdate_raises_forums ON forums_priorityupdate IS
    'Visitors read what became of priorities.';

CREATE OR REPLACE TRIGGER forums_round_raises_forums
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_round
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums');
COMMENT ON TRIGGER forums_round_raises_forums ON forums_round IS
    'Forums show their votes.';

CREATE OR REPLACE TRIGGER forums_recommendation_raises_forums
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_recommendation
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums');
COMMENT ON TRIGGER forums_recommendation_raises_forums ON forums_recommendation IS
    'Forums show recommendations.';

CREATE OR REPLACE TRIGGER forums_sealedbox_raises_forums
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_sealedbox
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums');
COMMENT ON TRIGGER forums_sealedbox_raises_forums ON forums_sealedbox IS
    'Results show what was counted.';

CREATE OR REPLACE TRIGGER forums_results_rounds_raises_forums
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_results_rounds
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums');
COMMENT ON TRIGGER forums_results_rounds_raises_forums ON forums_results_rounds IS
    'Results show their votes.';

CREATE OR REPLACE TRIGGER forums_answer_raises_forums
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_answer
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums');
COMMENT ON TRIGGER forums_answer_raises_forums ON forums_answer IS
    'Priorities show the answers of organisations.';

CREATE OR REPLACE TRIGGER forums_forum_documents_raises_forums
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_forum_documents
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums');
COMMENT ON TRIGGER forums_forum_documents_raises_forums ON forums_forum_documents IS
    'Forums give documents to download.';
