namespace Aegis.Policies.Documents;

/// <summary>The mistakes of a policy that was made, and where they stand if a document made it.</summary>
internal sealed class PolicyChecks(IReadOnlyDictionary<string, DocumentPosition> places, PolicyErrorList errors)
{
    public IReadOnlyList<PolicyError> Errors => errors.Errors;

    public void Add(string code, string path, string message) => errors.Add(code, PlaceOf(path), path, message);

    /// <summary>Whether a member stands in a file, where everybody can read it.</summary>
    public bool StandsInFile(string path) => places.TryGetValue(path, out var place) && place.IsInFile;

    /// <summary>The place of a member, or of the nearest one around it that stands in a document.</summary>
    private DocumentPosition PlaceOf(string path)
    {
        for (var at = path.Length; at > 0; at = Math.Max(path.LastIndexOf('.', at - 1), path.LastIndexOf('[', at - 1)))
        {
            if (places.TryGetValue(path[..at], out var place))
            {
                return place;
            }
        }

        return default;
    }
}
