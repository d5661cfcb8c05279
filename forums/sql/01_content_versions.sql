-- What visitors read of this package raises the content version of its scope (pole/caching/content_versions.py).

DROP TRIGGER IF EXISTS forums_forum_raises_forums ON forums_forum;
CREATE OR REPLACE TRIGGER forums_forum_raises_forums_votes
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_forum
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums', 'votes');
COMMENT ON TRIGGER forums_forum_raises_forums_votes ON forums_forum IS
    'Visitors read forums; the bar of every page names those that vote.';

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

DROP TRIGGER IF EXISTS forums_results_raises_forums ON forums_results;
CREATE OR REPLACE TRIGGER forums_results_raises_results
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_results
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('results');
COMMENT ON TRIGGER forums_results_raises_results ON forums_results IS
    'Visitors read results.';

DROP TRIGGER IF EXISTS forums_priority_raises_forums ON forums_priority;
CREATE OR REPLACE TRIGGER forums_priority_raises_results
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_priority
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('results');
COMMENT ON TRIGGER forums_priority_raises_results ON forums_priority IS
    'Visitors read priorities.';

DROP TRIGGER IF EXISTS forums_priorityupdate_raises_forums ON forums_priorityupdate;
CREATE OR REPLACE TRIGGER forums_priorityupdate_raises_results
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_priorityupdate
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('results');
COMMENT ON TRIGGER forums_priorityupdate_raises_results ON forums_priorityupdate IS
    'Visitors read what became of priorities.';

DROP TRIGGER IF EXISTS forums_round_raises_forums ON forums_round;
CREATE OR REPLACE TRIGGER forums_round_raises_votes
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_round
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('votes');
COMMENT ON TRIGGER forums_round_raises_votes ON forums_round IS
    'Forums show their votes.';

DROP TRIGGER IF EXISTS forums_recommendation_raises_forums ON forums_recommendation;
CREATE OR REPLACE TRIGGER forums_recommendation_raises_recommendations
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_recommendation
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('recommendations');
COMMENT ON TRIGGER forums_recommendation_raises_recommendations ON forums_recommendation IS
    'Forums show recommendations.';

DROP TRIGGER IF EXISTS forums_sealedbox_raises_forums ON forums_sealedbox;
CREATE OR REPLACE TRIGGER forums_sealedbox_raises_results
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_sealedbox
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('results');
COMMENT ON TRIGGER forums_sealedbox_raises_results ON forums_sealedbox IS
    'Results show what was counted.';

DROP TRIGGER IF EXISTS forums_results_rounds_raises_forums ON forums_results_rounds;
CREATE OR REPLACE TRIGGER forums_results_rounds_raises_results
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_results_rounds
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('results');
COMMENT ON TRIGGER forums_results_rounds_raises_results ON forums_results_rounds IS
    'Results show their votes.';

DROP TRIGGER IF EXISTS forums_answer_raises_forums ON forums_answer;
CREATE OR REPLACE TRIGGER forums_answer_raises_results
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_answer
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('results');
COMMENT ON TRIGGER forums_answer_raises_results ON forums_answer IS
    'Priorities show the answers of organisations.';

CREATE OR REPLACE TRIGGER forums_forum_documents_raises_forums
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_forum_documents
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums');
COMMENT ON TRIGGER forums_forum_documents_raises_forums ON forums_forum_documents IS
    'Forums give documents to download.';

-- Whoever arrives during a vote is added to its roll: no page shows it.
CREATE OR REPLACE TRIGGER forums_roundevent_added_raises_votes
AFTER INSERT ON forums_roundevent
FOR EACH ROW WHEN (NEW.kind <> 'added') EXECUTE FUNCTION pole_raise_version('votes');
COMMENT ON TRIGGER forums_roundevent_added_raises_votes ON forums_roundevent IS
    'Forums and results show the log of their votes.';

CREATE OR REPLACE TRIGGER forums_roundevent_changed_raises_votes
AFTER DELETE OR TRUNCATE OR UPDATE ON forums_roundevent
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('votes');
COMMENT ON TRIGGER forums_roundevent_changed_raises_votes ON forums_roundevent IS
    'Forums and results show the log of their votes.';

CREATE OR REPLACE TRIGGER forums_dossier_raises_results
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_dossier
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('results');
COMMENT ON TRIGGER forums_dossier_raises_results ON forums_dossier IS
    'Priorities show which organisation answered.';

CREATE OR REPLACE TRIGGER forums_recommendationevent_raises_recommendations
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_recommendationevent
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('recommendations');
COMMENT ON TRIGGER forums_recommendationevent_raises_recommendations ON forums_recommendationevent IS
    'Recommendations and priorities say where they come from.';

CREATE OR REPLACE TRIGGER forums_dayteammember_raises_recommendations
AFTER UPDATE OF name ON forums_dayteammember
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('recommendations');
COMMENT ON TRIGGER forums_dayteammember_raises_recommendations ON forums_dayteammember IS
    'What a recommendation comes from names whoever of the day team acted.';

CREATE OR REPLACE TRIGGER forums_session_raises_forums
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_session
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums');
COMMENT ON TRIGGER forums_session_raises_forums ON forums_session IS
    'Activities show their sessions.';

CREATE OR REPLACE TRIGGER forums_activityproposal_raises_forums
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_activityproposal
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums');
COMMENT ON TRIGGER forums_activityproposal_raises_forums ON forums_activityproposal IS
    'Activities show who proposed them.';

CREATE OR REPLACE TRIGGER forums_season_raises_forums
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_season
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums');
COMMENT ON TRIGGER forums_season_raises_forums ON forums_season IS
    'Visitors read seasons.';

CREATE OR REPLACE TRIGGER forums_season_forums_raises_forums
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_season_forums
FOR EACH STATEMENT EXECUTE FUNCTION pole_raise_version('forums');
COMMENT ON TRIGGER forums_season_forums_raises_forums ON forums_season_forums IS
    'Seasons show their activities.';
