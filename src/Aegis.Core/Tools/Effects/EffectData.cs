using System.Collections.Frozen;
using System.Text.Json;

namespace Aegis.Tools.Effects;

/// <summary>The word lists of <c>tool-effects.json</c>.</summary>
internal sealed class EffectData(JsonElement data)
{
    public FrozenSet<string> Set(string name) => Set(data.GetProperty(name));

    public static FrozenSet<string> Set(JsonElement words) => words.EnumerateArray().Select(static word => word.GetString()!).ToFrozenSet(StringComparer.Ordinal);
}
