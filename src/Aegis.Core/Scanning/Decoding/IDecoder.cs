namespace Aegis.Scanning.Decoding;

/// <summary>Knows one way to write a text as another.</summary>
internal interface IDecoder
{
    /// <summary>Finds what is written in this way, in linear time.</summary>
    void Decode(DecoderInput input);
}
