using System.Text;

namespace Aegis.Testing.RedTeaming;

/// <summary>A change that an attacker tries.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it changes.</param>
/// <param name="Change">The change; null where there is nothing to change. Same try, same numbers: same result.</param>
internal sealed record Mutator(string Name, MutatorKind Kind, Func<Attempt, Random, Attempt?> Change)
{
    /// <summary>The changed try; null where there is nothing to change.</summary>
    public Attempt? Apply(Attempt attempt, int seed)
    {
        var changed = Change(attempt, new(seed));
        return changed is null || !IsWellFormed(changed) ? null : changed with { Mutators = [.. attempt.Mutators, Name] };
    }

    /// <summary>Whether no pair of surrogates was cut in two: no model is sent that.</summary>
    private static bool IsWellFormed(Attempt attempt) => !attempt.Identity.EnumerateRunes().Contains(Rune.ReplacementChar);

    /// <summary>One that changes the order's text.</summary>
    public static Mutator OfOrder(string name, MutatorKind kind, Func<string, Random, string> change) => OfText(name, kind, (text, random) =>
    {
        var changed = text.MapOrders(order => change(order, random));
        return changed.Orders.SequenceEqual(text.Orders, StringComparer.Ordinal) || changed.Orders.Any(string.IsNullOrWhiteSpace) ? null : changed;
    });

    /// <summary>One that changes the text.</summary>
    public static Mutator OfText(string name, MutatorKind kind, Func<AttackText, Random, AttackText?> change) => new(name, kind, (attempt, random) =>
        attempt.Case.Attack is { } attack && !attempt.Case.IsBenign && change(attack, random) is { } changed ? attempt.With(attempt.Case with { Attack = changed }) : null);
}
