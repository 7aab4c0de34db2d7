using System.Text.Json;
using Aegis.Policies;

namespace Aegis.Cli.BossBattle;

/// <summary>The game as data: its tiers, their policies, and the words that its agents know.</summary>
/// <param name="Tiers">The tiers, in order.</param>
/// <param name="Manners">Ways to say a value.</param>
/// <param name="Negations">Words that undo the verb behind them.</param>
/// <param name="Numbers">Words for numbers.</param>
internal sealed record BattleBook(IReadOnlyList<BattleTier> Tiers, IReadOnlyList<BattleManner> Manners, IReadOnlyList<string> Negations, IReadOnlyDictionary<string, int> Numbers)
{
    private static readonly JsonSerializerOptions Shape = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    /// <summary>The book of the game.</summary>
    public static BattleBook Default { get; } = JsonSerializer.Deserialize<BattleBook>(Text("battle.json"), Shape)!;

    /// <summary>The policy that a tier is played against.</summary>
    public static AegisPolicy PolicyOf(BattleTier tier) => AegisPolicy.Parse(Text($"Policies.{tier.Policy}.policy.json"), PolicyFormat.Json);

    private static string Text(string name)
    {
        using var reader = new StreamReader(typeof(BattleBook).Assembly.GetManifestResourceStream($"Aegis.Cli.BossBattle.{name}")!);
        return reader.ReadToEnd();
    }
}
