namespace Aegis.Policies;

/// <summary>Which value may reach which argument.</summary>
public sealed record DataFlowPolicy
{
    /// <summary>Whether the origin of the arguments of calls that change or send something is judged, once a session has read what others may have written.</summary>
    /// <value><see cref="ProvenanceMode.Enforce"/>.</value>
    public ProvenanceMode Provenance { get; init; }

    /// <summary>Whether private data that a tool returned is kept from going where the user did not send it.</summary>
    /// <value><see langword="true"/>.</value>
    public bool NoExfiltration { get; init; } = true;

    /// <summary>Tools, by glob, in whose results anybody can write: nothing in them says where something may go, not even a whole field.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> ExternalDataSources { get; init; } = [];

    /// <summary>What happens to personal data where <see cref="PiiScope"/> looks for it.</summary>
    /// <value><see cref="PiiHandling.Redact"/>.</value>
    public PiiHandling PiiHandling { get; init; }

    /// <summary>Kinds of personal data that pass with a finding whatever <see cref="PiiHandling"/> says: the words of their placeholders in lower case (<c>email</c>, <c>phone</c>, …), <c>*</c> for all.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> PiiAllow { get; init; } = [];

    /// <summary>Kinds of personal data that are blocked whatever <see cref="PiiHandling"/> and <see cref="PiiAllow"/> say.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> PiiBlock { get; init; } = [];

    /// <summary>Where personal data is looked for: in answers (unless <see cref="OutputPolicy.DetectPII"/> says no), in what users type, in the arguments of calls.</summary>
    /// <value>In answers.</value>
    public IReadOnlyList<PiiScope> PiiScope { get; init; } = [Policies.PiiScope.Output];
}
