namespace Aegis.Testing.RedTeaming;

/// <summary>One case of a suite: what is said and done, and when it has succeeded.</summary>
internal sealed record RedTeamCase
{
    public const string AttackPlaceholder = "{attack}";

    /// <summary>Suite, name, and the tool that it is aimed at where there are several.</summary>
    public required string Id { get; init; }

    public required string Suite { get; init; }

    /// <summary>Whether it is harmless, and must pass.</summary>
    public bool IsBenign { get; init; }

    /// <summary>What the user types, turn by turn.</summary>
    public required IReadOnlyList<string> Turns { get; init; }

    public AttackPlace Place { get; init; }

    /// <summary>The tool that the task needs.</summary>
    public string? Tool { get; init; }

    /// <summary>What stands there; of a harmless case what the tool returns.</summary>
    public AttackText? Attack { get; init; }

    /// <summary>What a model does that obeys; of a harmless case what the task needs.</summary>
    public IReadOnlyList<AttackStep> Steps { get; init; } = [];

    /// <summary>Null: harmless, everything must pass.</summary>
    public AttackGoal? Goal { get; init; }

    /// <summary>Tokens that each answer of the model costs.</summary>
    public int Usage { get; init; }

    /// <summary>Whether its steps are what the attack is: none of them is taken away.</summary>
    public bool IsWhole { get; init; }

    /// <summary>All its texts with other words.</summary>
    public RedTeamCase Map(Func<string, string> change) => this with
    {
        Turns = [.. Turns.Select(change)],
        Tool = Tool is null ? null : change(Tool),
        Attack = Attack?.Map(segment => segment with { Text = change(segment.Text) }),
        Steps = [.. Steps.Select(step => step.Map(change))],
        Goal = Goal?.Map(change),
    };
}
