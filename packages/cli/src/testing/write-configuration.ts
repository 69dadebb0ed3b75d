import { openZooKeeperMeeting, readZooKeeperPlace } from 'veltrix/zookeeper';

/**
 * Writes a key of a cluster's configuration as an operator would edit it by hand.
 *
 * @param connect of the ZooKeeper where nodes with the usual prefix have met
 */
export async function writeConfiguration(
  connect: string,
  key: string,
  value: string,
): Promise<void> {
  const zookeeper = { connect, prefix: '/hunt' };
  const { plan } = await readZooKeeperPlace(zookeeper);
  const { coordinator, config } = openZooKeeperMeeting({ ...zookeeper, plan: plan! });
  try {
    await new Promise<void>((resolve, reject) =>
      config.read(key, (_, present) => {
        const basedOn = present?.version ?? 0;
        const change = { key, value, basedOn, by: 'eve', why: 'test' };
        config.write(change, (error) => (error ? reject(error) : resolve()));
      }),
    );
  } finally {
    await new Promise<void>((resolve) => coordinator.close(resolve));
  }
}
