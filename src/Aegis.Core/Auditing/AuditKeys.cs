using System.Collections.Frozen;
using Aegis.Integrity;

namespace Aegis.Auditing;

/// <summary>The keys of a log, in their order. The first that has not expired signs; all of them verify: what was signed in time stays so.</summary>
internal sealed class AuditKeys(IReadOnlyList<HistoryKey> keys)
{
    private readonly FrozenDictionary<string, HistoryKey> _byId = keys.ToFrozenDictionary(static key => key.Id, StringComparer.Ordinal);

    /// <summary>No keys: the chain is a plain hash.</summary>
    public static AuditKeys None { get; } = new([]);

    public bool IsEmpty => keys.Count == 0;

    /// <summary>Verifies whatever id a line names; for a log of one key.</summary>
    public HistoryKey? Any { get; init; }

    public HistoryKey? SignsAt(DateTimeOffset now) => keys.FirstOrDefault(key => key.Counts(now));

    public HistoryKey? Find(string id) => _byId.GetValueOrDefault(id) ?? Any;
}
