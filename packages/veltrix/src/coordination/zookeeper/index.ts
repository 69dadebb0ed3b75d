export { readPresentNodes } from './present-nodes.ts';
export {
  openZooKeeperConfigSource,
  openZooKeeperCoordinator,
  type ZooKeeperOptions,
} from './zookeeper-coordination.ts';
