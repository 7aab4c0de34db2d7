namespace Aegis.Policies.Documents;

/// <summary>Where policy documents come from: files of a folder, one text, a configuration.</summary>
internal interface IPolicyOrigin
{
    /// <summary>The document that another one extends by this name, with the origin of what it extends itself; null: there is none, and a preset may be meant.</summary>
    (DocumentNode? Root, IPolicyOrigin Origin, string Name)? Find(string name, PolicyErrorList errors);

    /// <summary>What may stand behind <c>extends</c> beside presets, for messages.</summary>
    string Others { get; }
}
