namespace Aegis.Policies;

/// <summary>One mistake in a policy.</summary>
/// <param name="Path">Where, as a JSON path.</param>
/// <param name="Message">The culprit and the way out.</param>
public sealed record PolicyError(string Path, string Message)
{
    /// <summary>A stable code; <c>docs/policies.md</c> lists them.</summary>
    /// <value><c>AEG100</c>: none of the others.</value>
    public string Code { get; init; } = "AEG100";

    /// <summary>The file, or the configuration provider with its key.</summary>
    /// <value><see langword="null"/>: code made the policy.</value>
    public string? Source { get; init; }

    /// <summary>From 1; 0 where there are no lines.</summary>
    /// <value>0.</value>
    public int Line { get; init; }

    /// <summary>From 1, in UTF-16 characters; 0 where there are no lines.</summary>
    /// <value>0.</value>
    public int Column { get; init; }

    /// <summary>Place, code, path and message on one line.</summary>
    /// <returns>For example <c>support.policy.json:3:5: AEG110 $.tols: 'tols' is unknown. Did you mean 'tools'?</c></returns>
    public override string ToString() => Source is null ? $"{Code} {Path}: {Message}"
        : Line == 0 ? $"{Source}: {Code} {Path}: {Message}"
        : FormattableString.Invariant($"{Source}:{Line}:{Column}: {Code} {Path}: {Message}");
}
