export {
  openZooKeeperConfigSource,
  openZooKeeperCoordinator,
  type ZooKeeperOptions,
} from './zookeeper-coordination.ts';
