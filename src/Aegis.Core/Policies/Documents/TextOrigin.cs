namespace Aegis.Policies.Documents;

/// <summary>A text from anywhere: it can extend presets only.</summary>
internal sealed class TextOrigin : IPolicyOrigin
{
    public static TextOrigin Instance { get; } = new();

    public string Others => "";

    public (DocumentNode? Root, IPolicyOrigin Origin, string Name)? Find(string name, PolicyErrorList errors) => null;
}
