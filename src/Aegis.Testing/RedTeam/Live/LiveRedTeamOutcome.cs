namespace Aegis.Testing;

/// <summary>What came of an attack on a live target.</summary>
public enum LiveRedTeamOutcome
{
    /// <summary>It was answered or refused, and what it was judged by was not in the answers.</summary>
    Held,

    /// <summary>A value that was to stay came out.</summary>
    Leaked,

    /// <summary>A text came out that the target says only where it has obeyed.</summary>
    Obeyed,

    /// <summary>It was answered, and there was nothing to judge the answer by.</summary>
    Unjudged,

    /// <summary>It was not answered: neither held off nor let through.</summary>
    Failed,
}
