namespace Aegis.ExtensionsAI;

/// <summary>The places where a layer acts. All of them, except in the suite that shows that none can be missed.</summary>
[Flags]
internal enum Seams
{
    None = 0,
    Request = 1,
    Response = 2,
    Execution = 4,
    Backstop = 8,
    All = Request | Response | Execution | Backstop,
}
