namespace Aegis.Policies.Documents;

/// <summary>A document that cannot be read further.</summary>
internal sealed class DocumentException(string code, DocumentPosition at, string message) : Exception(message)
{
    public string Code { get; } = code;

    public DocumentPosition At { get; } = at;
}
