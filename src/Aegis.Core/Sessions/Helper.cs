namespace Aegis;

/// <summary>A model that is asked on the way.</summary>
internal enum Helper
{
    None,
    Judge,
    Sandbox,
}
