namespace Aegis.Policies;

/// <summary>Which commands an argument may hold. Read into words as a POSIX shell does; what is not a plain list of words is refused.</summary>
public sealed record ArgumentCommandPolicy
{
    /// <summary>Beginnings of commands: a program, or a program and its first arguments, for example <c>git log</c>. To the letter.</summary>
    /// <value><see langword="null"/>: any program.</value>
    public IReadOnlyList<string>? Allow { get; init; }

    /// <summary>Commands that may not be: a program, whatever folder it is called from, or a program and some of its arguments. Looked for at every word.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> Deny { get; init; } = [];

    /// <summary>What of a shell may be used: <c>pipe</c> (|), <c>chain</c> (&amp;&amp; || ; &amp;), <c>redirect</c> (&lt; &gt;), <c>expand</c> ($NAME * ? [] {} ~). Each command of a pipe or a chain is judged.</summary>
    /// <value>Nothing.</value>
    public IReadOnlyList<string> Shell { get; init; } = [];
}
