namespace Aegis.Scanning.Detecting;

/// <summary>Scripts, and groups of scripts that one language mixes.</summary>
internal enum Script
{
    None,
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Georgian,
    Cherokee,
    Hebrew,
    Arabic,
    Indic,
    Thai,
    EastAsian,
}
