namespace Aegis.Policies;

/// <summary>
/// What must hold for an argument; the words are those of JSON Schema where it has one. Null counts as left out. A value of another kind than a rule
/// is about does not hold: <see cref="Maximum"/> wants a number, <see cref="Pattern"/> a text.
/// </summary>
public sealed record ArgumentPolicy
{
    /// <summary>What it is.</summary>
    /// <value><see langword="null"/>: anything.</value>
    public ArgumentType? Type { get; init; }

    /// <summary>The values that it may have: texts to the letter, numbers and booleans as they are written.</summary>
    /// <value><see langword="null"/>: any.</value>
    public IReadOnlyList<string>? Enum { get; init; }

    /// <summary>A glob over the whole text, for example <c>*@example.com</c>; case does not count. A wildcard stands for no control character, and where the glob has an <c>@</c> for nothing that could begin another address.</summary>
    /// <value><see langword="null"/>: any.</value>
    public string? Pattern { get; init; }

    /// <summary>At least.</summary>
    /// <value><see langword="null"/>: no bound.</value>
    public decimal? Minimum { get; init; }

    /// <summary>At most.</summary>
    /// <value><see langword="null"/>: no bound.</value>
    public decimal? Maximum { get; init; }

    /// <summary>Characters of a text, at least.</summary>
    /// <value><see langword="null"/>: no bound.</value>
    public int? MinLength { get; init; }

    /// <summary>Characters of a text, at most.</summary>
    /// <value><see langword="null"/>: no bound.</value>
    public int? MaxLength { get; init; }

    /// <summary>Items of a list or members of an object, at most.</summary>
    /// <value><see langword="null"/>: no bound.</value>
    public int? MaxItems { get; init; }

    /// <summary>Globs over the names that the members of an object may have.</summary>
    /// <value><see langword="null"/>: any.</value>
    public IReadOnlyList<string>? Keys { get; init; }

    /// <summary>Whether a call without it, or with null, is refused.</summary>
    /// <value><see langword="false"/>.</value>
    public bool Required { get; init; }

    /// <summary>Whether a call with it is refused.</summary>
    /// <value><see langword="false"/>.</value>
    public bool Forbidden { get; init; }

    /// <summary>It is the path of a file, judged in its canonical form.</summary>
    /// <value><see langword="null"/>: it is not read as a path.</value>
    public ArgumentPathPolicy? Path { get; init; }

    /// <summary>It is a URL or a host, judged in its canonical form.</summary>
    /// <value><see langword="null"/>: it is not read as a URL.</value>
    public ArgumentUrlPolicy? Url { get; init; }

    /// <summary>It is a command line, judged word by word.</summary>
    /// <value><see langword="null"/>: it is not read as a command.</value>
    public ArgumentCommandPolicy? Command { get; init; }

    /// <summary>
    /// Where its value may come from: <c>user</c>, <c>system</c>, or globs over names of tools, of which a field must be the value. Every text and
    /// number of the argument counts, of a list of addresses each. What comes from there needs no other evidence that it may be a destination.
    /// </summary>
    /// <value><see langword="null"/>: anywhere, as far as <see cref="AegisPolicy.DataFlow"/> lets it.</value>
    public IReadOnlyList<string>? From { get; init; }

    /// <summary>
    /// Kinds of personal data that may stand in it, in lower case (<c>email</c>, <c>credit-card</c>), <c>*</c> for all: the function gets the value in place of its
    /// placeholder, and <see cref="DataFlowPolicy.PiiScope"/> does not look for it there.
    /// </summary>
    /// <value>None.</value>
    public IReadOnlyList<string> Restore { get; init; } = [];

    /// <summary>What happens when it does not hold.</summary>
    /// <value><see cref="Policies.Otherwise.Block"/>.</value>
    public Otherwise Otherwise { get; init; }
}
