import { testShipped } from './fixtures/shipped.ts';

testShipped(2, 3);
