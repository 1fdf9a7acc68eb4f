import assert from 'node:assert/strict';
import { catalogApplies, checkModel, modelMigrations, type CatalogModel } from '../../../src/supervisor/adapters/codex/models.ts';

const model = (slug: string, fields: Partial<CatalogModel> = {}): CatalogModel => ({ slug, description: '', listed: true, successor: null, ...fields });
const catalog = [
  model('gpt-6.1-sol', { description: 'Latest workhorse model.' }),
  model('gpt-6-luna', { description: 'Fast and affordable model for easier tasks.' }),
  model('gpt-5.6-luna', { description: 'Older fast and efficient model.', successor: 'gpt-6-luna' }),
  model('gpt-5.5', { successor: 'gpt-6-sol' }),
  model('gpt-5.4-secret', { listed: false }),
];

describe('models', () => {
  it('CONF-8 a model of the catalog is fine, listed or not', () => {
    assert.deepEqual(checkModel(catalog, 'gpt-5.5'), { kind: 'ok' });
    assert.deepEqual(checkModel(catalog, 'gpt-5.4-secret'), { kind: 'ok' });
  });

  it('CONF-8 an unknown one gets the nearest listed names and the nearest current cheap one', () => {
    assert.deepEqual(checkModel(catalog, 'gpt-5.4-mini'), { kind: 'unknown', nearest: ['gpt-5.6-luna', 'gpt-6.1-sol', 'gpt-6-luna'], substitute: 'gpt-6-luna' });
    assert.deepEqual(checkModel([model('only')], 'x'), { kind: 'unknown', nearest: ['only'], substitute: null });
  });

  it("CONF-8 the catalog says nothing about the operator's own provider", () => {
    assert.ok(catalogApplies({}));
    assert.ok(!catalogApplies({ model_provider: 'mine' }));
  });

  it('PAIR-3 knows which models Codex would advertise a successor for', () => {
    assert.deepEqual(modelMigrations(catalog), { 'gpt-5.6-luna': 'gpt-6-luna', 'gpt-5.5': 'gpt-6-sol' });
  });
});
