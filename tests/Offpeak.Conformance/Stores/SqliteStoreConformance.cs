namespace Offpeak.Conformance.Stores;

public sealed class SqliteBatches : BatchStoreSuite<SqliteSubject>;

public sealed class SqliteLeases : LeaseStoreSuite<SqliteSubject>;

public sealed class SqliteEntries : EntryStoreSuite<SqliteSubject>;

public sealed class SqliteSteps : StepStoreSuite<SqliteSubject>;

public sealed class SqliteShards : ShardStoreSuite<SqliteSubject>;

public sealed class SqliteSweeps : SweepStoreSuite<SqliteSubject>;

public sealed class SqliteTransactions : TransactionStoreSuite<SqliteSubject>;
