namespace Aegis.Auditing;

/// <summary>The first thing that is wrong with a log.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">The line, counted from 1; 0: it is about the whole file.</param>
/// <param name="Sequence">Number of the record; null: it has none that can be read.</param>
/// <param name="What">What is wrong, in words.</param>
internal sealed record AuditFault(string File, long Line, long? Sequence, string What)
{
    /// <summary>Whether it is nothing but half a line at the end of a file, as a crash leaves it.</summary>
    public bool IsTorn { get; init; }

    /// <summary>Whether nobody can say: the key is not there.</summary>
    public bool IsUnverified { get; init; }

    public override string ToString() => FormattableString.Invariant($"{File}{(Line > 0 ? FormattableString.Invariant($":{Line}") : "")}: {(Sequence is { } number ? FormattableString.Invariant($"record {number} ") : "")}{What}");
}
