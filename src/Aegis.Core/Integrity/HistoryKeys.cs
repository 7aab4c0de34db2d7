using System.Collections.Frozen;

namespace Aegis.Integrity;

/// <summary>The keys of a policy, in their order. The first that counts signs; all that count verify.</summary>
internal sealed class HistoryKeys(IReadOnlyList<HistoryKey> keys)
{
    private readonly FrozenDictionary<string, HistoryKey> _byId = keys.ToFrozenDictionary(static key => key.Id, StringComparer.Ordinal);

    /// <summary>The key that signs at a time; null: none does.</summary>
    public HistoryKey? SignsAt(DateTimeOffset now) => keys.FirstOrDefault(key => key.Counts(now));

    /// <summary>The key of this id; null: it is unknown, or counts no more.</summary>
    public HistoryKey? Find(string id, DateTimeOffset now) => _byId.TryGetValue(id, out var key) && key.Counts(now) ? key : null;

    /// <summary>All that verify at a time.</summary>
    public IEnumerable<HistoryKey> At(DateTimeOffset now) => keys.Where(key => key.Counts(now));
}
