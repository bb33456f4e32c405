namespace Offpeak.Conformance.Stores;

public sealed class PostgresBatches : BatchStoreSuite<PostgresSubject>;

public sealed class PostgresLeases : LeaseStoreSuite<PostgresSubject>;

public sealed class PostgresEntries : EntryStoreSuite<PostgresSubject>;

public sealed class PostgresSteps : StepStoreSuite<PostgresSubject>;

public sealed class PostgresShards : ShardStoreSuite<PostgresSubject>;

public sealed class PostgresSweeps : SweepStoreSuite<PostgresSubject>;

public sealed class PostgresTransactions : TransactionStoreSuite<PostgresSubject>;
