import type { RollOutRequest } from '../../../activities/roll-out.ts';
import { createActivityEnvironment } from '../run-activity.ts';
import type { RolloutPlace } from './roll-out-activities.ts';
import { createTestRollOut } from './roll-out-activities.ts';

/** A worker that can be killed: rolls out what its argument says, and prints each note. */
const { place, request } = JSON.parse(process.argv[2] ?? '') as { place: RolloutPlace; request: RollOutRequest };
const environment = createActivityEnvironment();
environment.on('heartbeat', (details: { note?: string } | undefined) => {
  console.log(details?.note ?? '');
});
await environment.run(createTestRollOut(place).rollOut, request);
