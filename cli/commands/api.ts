import { Command } from 'commander';
import { loadConfig } from '../../config/config.ts';

export function createApiCommand(): Command {
  return new Command('api')
    .summary('serve predictions over HTTP')
    .description('Serves POST /predict with the latest registered model, or with the version in BAROMETER_MODEL_VERSION, until it is told to end. Listens on BAROMETER_API_HOST and BAROMETER_API_PORT, 127.0.0.1:8080 when nothing is said.')
    .action(async () => {
      const { runApi } = await import('../../api/main.ts');
      // Ending the API is a matter of signals; a parent that is gone can't send one.
      const end = () => process.kill(process.pid, 'SIGTERM');
      process.once('disconnect', end);
      // Gone before, while modules were loading.
      if (process.send !== undefined && !process.connected) end();
      await runApi(loadConfig());
    });
}
