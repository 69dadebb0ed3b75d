export { readPresentNodes } from './present-nodes.ts';
export {
  openZooKeeperCoordinator,
  openZooKeeperMeeting,
  readZooKeeperPlace,
  type ZooKeeperOptions,
} from './zookeeper-coordination.ts';
export { surveyZooKeeper, type ZooKeeperSurvey } from './zookeeper-survey.ts';
