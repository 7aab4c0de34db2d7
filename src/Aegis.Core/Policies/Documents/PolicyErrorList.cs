namespace Aegis.Policies.Documents;

/// <summary>The mistakes of a policy, collected, and where its members stand.</summary>
internal sealed class PolicyErrorList
{
    /// <summary>More than anybody reads.</summary>
    public const int Max = 100;

    private readonly List<PolicyError> _errors = [];

    /// <summary>Every mistake so far.</summary>
    public IReadOnlyList<PolicyError> Errors => _errors;

    public void Add(string code, DocumentPosition at, string path, string message)
    {
        if (_errors.Count < Max)
        {
            _errors.Add(new(path, message) { Code = code, Source = at.Source, Line = at.Line, Column = at.Column });
        }
    }

    /// <summary>An entry of a map in a path: its whole name, so that no two entries are one.</summary>
    public static string Entry(string path, string name) => $"{path}['{string.Concat(name.Where(static c => !char.IsControl(c)))}']";

    /// <summary>A text of the document as a message may show it: short, and without what does not print.</summary>
    public static string Shown(string? text)
    {
        var shown = string.Concat((text ?? "").Where(static c => !char.IsControl(c) && !char.IsSurrogate(c)).Take(33));
        return shown.Length > 32 ? $"{shown[..32]}…" : shown;
    }
}
