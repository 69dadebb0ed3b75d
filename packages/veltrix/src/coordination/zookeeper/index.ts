export { readPresentNodes } from './present-nodes.ts';
export {
  openZooKeeperConfigSource,
  openZooKeeperCoordinator,
  openZooKeeperMeeting,
  readZooKeeperPlace,
  type ZooKeeperOptions,
} from './zookeeper-coordination.ts';
