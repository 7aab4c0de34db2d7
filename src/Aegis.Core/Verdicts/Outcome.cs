namespace Aegis;

/// <summary>What an adapter sees of an inspection.</summary>
/// <typeparam name="T">The kind of subject.</typeparam>
/// <param name="Subject">The subject as it may go on: redacted, or with fewer tools.</param>
/// <param name="Verdict">Why. In monitor mode the verdict says what would have been decided.</param>
/// <param name="Decision">What is enforced; at most <see cref="Aegis.Decision.Flag"/> in monitor mode.</param>
/// <param name="Id">Identity of the inspection.</param>
public readonly record struct Outcome<T>(T Subject, Verdict Verdict, Decision Decision, DecisionId Id)
    where T : Subject
{
    /// <summary>Whether the subject may go on.</summary>
    public bool MayProceed => Decision < Decision.Ask;
}
