import assert from 'node:assert/strict';
import { before } from 'mocha';
import { findViolations } from '../../../support/azure-ml/contract.ts';
import type { Operation, OperationName } from '../../../support/azure-ml/operations.ts';
import { readOperations } from '../../../support/azure-ml/operations.ts';

const ID = '/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w';
const JOB = { properties: { jobType: 'Command', command: 'node', environmentId: `${ID}/environments/e/versions/1`, limits: { jobLimitsType: 'Command', timeout: 'PT1H' }, identity: { identityType: 'Managed' } } };
const CLUSTER = { location: 'westeurope', identity: { type: 'SystemAssigned' }, properties: { computeType: 'AmlCompute', properties: { vmSize: 'F', vmPriority: 'Dedicated', scaleSettings: { maxNodeCount: 4, nodeIdleTimeBeforeScaleDown: 'PT60S' } } } };

// The double is only worth something if it turns wrong requests away.
describe('the contract of Azure ML, as the tests’ stand-in holds requests against it', () => {
  let operations: Operation[];

  before('read the specifications', async () => {
    operations = await readOperations();
  });

  function check(name: OperationName, names: readonly string[], body: unknown, search = 'api-version=2022-10-01'): string[] {
    return findViolations(operations.find((each) => each.name === name)!, ['s', 'g', 'w', ...names], new URLSearchParams(search), body);
  }

  it('has a path for every operation, and takes no other', () => {
    const job = operations.find(({ name }) => name === 'readJob')!;
    assert.equal(job.method, 'GET');
    assert.ok(job.path.test(`${ID}/jobs/a-job`));
    assert.equal(job.path.test(`${ID}/job/a-job`), false);
    assert.equal(job.path.test(`${ID}/jobs/a-job/cancel`), false);
  });

  it('is kept by a good job and a good cluster', () => {
    assert.deepEqual(check('writeJob', ['a-job'], JOB), []);
    assert.deepEqual(check('writeCompute', ['barometer-cpu'], CLUSTER), []);
  });

  const BROKEN: readonly (readonly [string, () => string[], RegExp])[] = [
    ['another version of the API', () => check('writeJob', ['a-job'], JOB, 'api-version=2021-03-01'), /api-version is 2021-03-01/],
    ['no version of the API', () => check('writeJob', ['a-job'], JOB, ''), /api-version/],
    ['an unknown query parameter', () => check('readJob', ['a-job'], undefined, 'api-version=2022-10-01&verbose=1'), /no query parameter verbose/],
    ['a dot in a job’s name', () => check('writeJob', ['a.job'], JOB), /id "a\.job" does not match/],
    ['a version that is too long', () => check('writeData', ['data', 'x'.repeat(31)], { properties: { dataType: 'uri_file', dataUri: 'azureml://x' } }), /version "x+" does not match/],
    ['a model’s version that is no number', () => check('writeModel', ['m', 'one'], { properties: {} }), /version "one"/],
    ['a missing property', () => check('writeJob', ['a-job'], { properties: { jobType: 'Command', command: 'node' } }), /\.environmentId is required/],
    ['a property that there is not', () => check('writeJob', ['a-job'], { properties: { ...JOB.properties, secret: 'x' } }), /CommandJob has no property secret/],
    ['a property that only the service sets', () => check('writeJob', ['a-job'], { properties: { ...JOB.properties, status: 'Running' } }), /status is read-only/],
    ['a kind of job that there is not', () => check('writeJob', ['a-job'], { properties: { ...JOB.properties, jobType: 'Magic' } }), /jobType can't be "Magic"/],
    ['a duration in words', () => check('writeJob', ['a-job'], { properties: { ...JOB.properties, limits: { jobLimitsType: 'Command', timeout: '1 hour' } } }), /no duration/],
    ['tags that are no strings', () => check('writeJob', ['a-job'], { properties: { ...JOB.properties, tags: { epochs: 3 } } }), /tags\.epochs is no string/],
    ['a priority that there is not', () => check('writeCompute', ['barometer-cpu'], { ...CLUSTER, properties: { computeType: 'AmlCompute', properties: { vmPriority: 'Spot' } } }), /vmPriority can't be "Spot"/],
    ['a cluster without a number of nodes', () => check('writeCompute', ['barometer-cpu'], { properties: { computeType: 'AmlCompute', properties: { scaleSettings: {} } } }), /maxNodeCount is required/],
    ['a number as a string', () => check('writeCompute', ['barometer-cpu'], { properties: { computeType: 'AmlCompute', properties: { scaleSettings: { maxNodeCount: '4' } } } }), /maxNodeCount is no Number/],
    ['a cluster’s name that Azure does not take', () => check('writeCompute', ['cpu-1'], CLUSTER), /computeName "cpu-1"/],
    ['a body where none belongs', () => check('readJob', ['a-job'], {}), /takes no body/],
  ];

  for (const [what, broken, message] of BROKEN) {
    it(`is broken by ${what}`, () => {
      assert.match(broken().join('\n'), message);
    });
  }
});
